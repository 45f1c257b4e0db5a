/**
 * Sessions: which backend a request's cookie or key is bound to.
 *
 * <p>Applies the policies of {@code okhttp.affinity}. Start reading at {@code Sessions}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.affinity;

import org.jspecify.annotations.NullMarked;
