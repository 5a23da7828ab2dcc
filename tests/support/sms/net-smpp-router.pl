#!/usr/bin/perl
# A message centre on Net::SMPP (Debian's libnet-smpp-perl), as an independent codec: routes between ESMEs by the number
# in their system id, and says what it read. Odd sequence of ways out: deliver_sm, message_payload, data_sm.
# An ESME is bound as transceiver, or as transmitter and receiver over two connections.
use strict; use warnings; use Net::SMPP; use IO::Select;
$| = 1;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => $ARGV[0], smpp_version => 0x34) or die "listen: $!";
print "listening\n";
my $all = IO::Select->new($listener); my (%bound, %name); my $id = 0x1a2a; my $way = 0;
my %bind = (0x1 => 'bind_receiver', 0x2 => 'bind_transmitter', 0x9 => 'bind_transceiver');
my @copied = qw(source_addr_ton source_addr_npi source_addr dest_addr_ton dest_addr_npi destination_addr esm_class data_coding);
while (my @ready = $all->can_read) { for my $s (@ready) {
  if ($s == $listener) { my $c = $s->accept or next; $c->set_version(0x34); $all->add($c); next }
  my $p = $s->read_pdu or do { $all->remove($s); close $s; next };
  my $cmd = $p->{cmd};
  if (my $bind = $bind{$cmd}) {
    my $answer = "${bind}_resp";
    print "$bind $p->{system_id} $p->{password} $p->{system_type} $p->{interface_version}\n";
    if ($p->{password} ne 's3cret') { $s->$answer(system_id => '', status => 0x0e, seq => $p->{seq}); next }
    $name{$s} = $p->{system_id};
    $bound{$p->{system_id}} = $s unless $cmd == 0x2;
    $s->$answer(system_id => 'perl', sc_interface_version => pack('C', 0x34), seq => $p->{seq});
  } elsif ($cmd == 0x4) {
    printf "submit %s %s %d %d %s %d %s\n", @$p{qw(source_addr destination_addr esm_class data_coding validity_period registered_delivery)}, unpack 'H*', $p->{short_message};
    if ($p->{destination_addr} eq '999') { $s->submit_sm_resp(message_id => '', status => 0x0b, seq => $p->{seq}); next }
    $s->submit_sm_resp(message_id => sprintf('%x', ++$id), seq => $p->{seq});
    my $to = $bound{$p->{destination_addr}} or next; my %copy = (async => 1, map { $_ => $p->{$_} } @copied); $way++;
    $to->deliver_sm(%copy, short_message => $p->{short_message}) if $way % 3 == 1;
    $to->deliver_sm(%copy, short_message => '', message_payload => $p->{short_message}) if $way % 3 == 2;
    $to->data_sm(%copy, message_payload => $p->{short_message}) if $way % 3 == 0;
    my $from = $bound{$name{$s}} or next;
    $from->deliver_sm(async => 1, source_addr => $p->{destination_addr}, destination_addr => $p->{source_addr}, esm_class => 4,
      short_message => "id:$id sub:001 dlvrd:001 stat:DELIVRD err:000") if $p->{registered_delivery};
  } elsif ($cmd == 0x80000005 || $cmd == 0x80000103) { printf "answer %x %d\n", $cmd, $p->{status} }
  elsif ($cmd == 0x15) { $s->enquire_link_resp(seq => $p->{seq}); print "enquire_link\n" }
  elsif ($cmd == 0x6) { $s->unbind_resp(seq => $p->{seq}); print "unbind\n" }
  else { printf "unexpected %x\n", $cmd }
} }
