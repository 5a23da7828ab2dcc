#!/usr/bin/env escript
%% A DTLS 1.2 client and server on Erlang's ssl, with a pre-shared key, for the interoperation tests.
%%
%%   erlang-peer.escript client|server PORT KEY_EXCHANGE CIPHER IDENTITY KEY
%%
%% KEY_EXCHANGE and CIPHER are Erlang's names, such as ecdhe_psk and aes_128_ccm_8. The client sends "hello" and
%% waits for an answer; the server sends back what it gets. What happens is printed line by line: "listening",
%% "agreed SUITE", "heard TEXT" and "failed REASON".

-mode(compile).

main([Role, Port, KeyExchange, Cipher, Identity, Key]) ->
    {ok, _} = application:ensure_all_started(ssl),
    logger:set_primary_config(level, none),
    Options = [
        {protocol, dtls},
        {versions, ['dtlsv1.2']},
        {ciphers, suites(list_to_atom(KeyExchange), list_to_atom(Cipher))},
        {psk_identity, Identity},
        {user_lookup_fun, {fun lookup/3, {list_to_binary(Identity), list_to_binary(Key)}}},
        {mode, binary},
        {active, false}
    ],
    run(Role, list_to_integer(Port), Options).

%% A client is asked with the server's hint, a server with the client's identity.
lookup(psk, Identity, {Identity, Key}) -> {ok, Key};
lookup(psk, <<>>, {_, Key}) -> {ok, Key};
lookup(psk, undefined, {_, Key}) -> {ok, Key};
lookup(psk, _, _) -> error.

suites(KeyExchange, Cipher) ->
    [Suite || #{key_exchange := Exchange, cipher := Name} = Suite <- ssl:cipher_suites(anonymous, 'dtlsv1.2'),
              Exchange =:= KeyExchange, Name =:= Cipher].

run("client", Port, Options) ->
    case ssl:connect("127.0.0.1", Port, [{verify, verify_none} | Options], 10000) of
        {ok, Socket} ->
            tell_agreed(Socket),
            ok = ssl:send(Socket, <<"hello">>),
            tell(ssl:recv(Socket, 0, 10000)),
            ssl:close(Socket);
        {error, Reason} ->
            tell({error, Reason})
    end;
run("server", Port, Options) ->
    {ok, Listening} = ssl:listen(Port, [{ip, {127, 0, 0, 1}} | Options]),
    io:format("listening~n"),
    accept(Listening).

accept(Listening) ->
    {ok, Transport} = ssl:transport_accept(Listening),
    spawn(fun() -> serve(Transport) end),
    accept(Listening).

serve(Transport) ->
    case ssl:handshake(Transport, 10000) of
        {ok, Socket} -> tell_agreed(Socket), echo(Socket);
        {error, Reason} -> tell({error, Reason})
    end.

echo(Socket) ->
    case ssl:recv(Socket, 0) of
        {ok, Text} -> tell({ok, Text}), ok = ssl:send(Socket, Text), echo(Socket);
        {error, _} = Ended -> tell(Ended)
    end.

tell_agreed(Socket) ->
    {ok, [{selected_cipher_suite, Suite}]} = ssl:connection_information(Socket, [selected_cipher_suite]),
    io:format("agreed ~s~n", [ssl:suite_to_str(Suite)]).

tell({ok, Text}) -> io:format("heard ~s~n", [Text]);
tell({error, Reason}) -> io:format("failed ~0p~n", [Reason]).
