; What C++ adds to C: nothing that names a file.
