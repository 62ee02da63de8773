package Foo::Bar;
use strict;
our $VERSION = '1';
use constant LIMIT => 3;
# Adds.
sub add { my ($a, $b) = @_; return $a }
sub _x($y) { }
package Other { sub z {} }
1;
