/**
 * Attaches pools to an OkHttpClient: chooses a backend for each call, steers the connection there, and accounts for how
 * it ended.
 *
 * <p>Uses OkHttp's public API only. Start reading at {@code LoadBalancing}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp;

import org.jspecify.annotations.NullMarked;
