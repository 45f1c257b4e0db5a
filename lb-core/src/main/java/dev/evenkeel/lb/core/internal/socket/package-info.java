/**
 * A socket that delegates to another one, IP literals, and checks of an address that need no thread to begin.
 *
 * <p>Depends on lb-api only; health checks, the layer 4 factories and lb-okhttp's steering share it. Start reading at
 * {@code DelegatingSocket}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.socket;

import org.jspecify.annotations.NullMarked;
