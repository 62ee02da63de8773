package Ledger::Account;

use strict;
use warnings;
use List::Util qw(sum first);
use parent -norequire, 'Ledger::Base';

our $VERSION = '1.02';
use constant LIMIT => 100;
use constant { OPEN => 1, CLOSED => 0 };

my %known;

=head1 NAME

Ledger::Account - an account and its entries

=cut

# Makes an account.
sub new {
    my ($class, %args) = @_;
    my $self = { id => $args{id}, entries => [] };
    return bless $self, $class;
}

# Adds an entry, in cents.
sub add {
    my ($self, $amount) = @_;
    push @{ $self->{entries} }, $amount;
    return $self;
}

sub balance { return sum(0, @{ $_[0]{entries} }) }

sub _check ($self, $amount = 0) {
    my $inner = sub { $_[0] > 0 };
    die "no amount" unless $inner->($amount);
}

package Ledger::Error {
    sub throw { die bless { message => $_[1] }, $_[0] }
}

1;

__END__

sub not_code { }
