/**
 * Strategies that place a key: consistent hash by Maglev, ring or rendezvous, and nginx's IP hash.
 *
 * <p>Sees candidates through {@code dev.evenkeel.lb.spi} only. Start reading at {@code Maglev}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.strategy.hash;

import org.jspecify.annotations.NullMarked;
