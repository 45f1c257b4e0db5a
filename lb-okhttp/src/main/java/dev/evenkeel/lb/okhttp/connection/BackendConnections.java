package dev.evenkeel.lb.okhttp.connection;

/**
 * The connections of a client to one backend.
 *
 * <p>Counted are steered connections: those of requests whose URL stays the pool's. A connection that may take no new
 * call any more (of a drained or removed backend, or of a lane that is too old) is not counted.
 *
 * @param pool the pool's name
 * @param backend the backend's id
 * @param open how many are open; 0 or more
 * @param idle how many of them carry no call, at most {@code open}. Calls that are about to connect count as if each
 *     had a connection already, so that there may be more for a moment. A connection of HTTP/2 is idle without streams
 */
public record BackendConnections(String pool, String backend, int open, int idle) {}
