/**
 * A socket that delegates to another one.
 *
 * <p>Depends on the JDK only; the layer 4 factories and lb-okhttp's steering share it. Start reading at
 * {@code DelegatingSocket}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.socket;

import org.jspecify.annotations.NullMarked;
