namespace N;

/// <summary>Members for types of others.</summary>
public static class X
{
    /// <summary>What follows is about sequences.</summary>
    extension<T>(IEnumerable<T> src) where T : class
    {
        public T First2() => default;

        /// <summary>Whether there is nothing.</summary>
        public bool IsEmpty => true;
    }

    extension(string s) {
        public int Twice() => 2;
        public bool Blank { get { return true; } }
    }

    extension(Point)
    {
        public static Point Origin => new();
        public static Point operator +(Point a, Point b) => a;
        public void operator +=(int y) { }
    }

    extension<TKey, TValue>([NotNull] ref Dictionary<TKey, TValue> map)
        where TKey : notnull
        where TValue : IComparable<TValue>, new()
    {
        private void Sort() { }
    }

    public static void After() { }

    public static void extension2(this string s) { }
}

class Y
{
    string extension = "extension(string s) {";

    int Call() => extension.Length;
}
