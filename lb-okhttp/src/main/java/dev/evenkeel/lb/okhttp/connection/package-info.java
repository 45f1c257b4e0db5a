/**
 * How requests reach backends: addressing, connections per backend, credentials.
 *
 * <p>Policies and values that callers set; {@code okhttp.internal.steering} applies them. Start reading at
 * {@code ConnectionPolicy}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.connection;

import org.jspecify.annotations.NullMarked;
