/**
 * Steers connections to a certain backend: one stable Dns object for each lane, and sockets that connect elsewhere.
 *
 * <p>Knows OkHttp and the policies of {@code okhttp.connection}. Start reading at {@code SteeredHost}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.steering;

import org.jspecify.annotations.NullMarked;
