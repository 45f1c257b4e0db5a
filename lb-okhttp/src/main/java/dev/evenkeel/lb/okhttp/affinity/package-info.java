/**
 * Affinity of requests to backends: affinity keys, the client's address, session cookies, hints.
 *
 * <p>Policies and values that callers set; {@code okhttp.internal.affinity} applies them. Start reading at
 * {@code AffinityKey}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.affinity;

import org.jspecify.annotations.NullMarked;
