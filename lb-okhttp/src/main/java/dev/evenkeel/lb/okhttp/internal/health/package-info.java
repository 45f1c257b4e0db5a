/**
 * The HTTP client of checks and probes.
 *
 * <p>Bounds what it reads. Start reading at {@code CheckClient}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.health;

import org.jspecify.annotations.NullMarked;
