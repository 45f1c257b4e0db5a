/**
 * From a request to a pool: routes, weighted splits, mirrors.
 *
 * <p>Uses {@code okhttp.internal.call}, which does not know it. Start reading at {@code ClientRouting}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.routing;

import org.jspecify.annotations.NullMarked;
