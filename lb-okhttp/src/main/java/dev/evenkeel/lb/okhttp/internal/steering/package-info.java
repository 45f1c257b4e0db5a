/**
 * Connections: one stable Dns object for each backend and lane, sockets that redirect the connect, their release and
 * age.
 *
 * <p>Knows OkHttp and the policies of {@code okhttp.connection}. Start reading at {@code SteeredHost}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.steering;

import org.jspecify.annotations.NullMarked;
