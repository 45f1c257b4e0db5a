/**
 * A socket that delegates to another one.
 *
 * <p>Depends on the JDK alone; the layer 4 factories and OkHttp's steering share it. Start reading at
 * {@code DelegatingSocket}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.socket;

import org.jspecify.annotations.NullMarked;
