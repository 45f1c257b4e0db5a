/**
 * Pools from a JSON document, without OkHttp.
 *
 * <p>Reads with {@code core.internal.document} and builds with {@code core}, which does not know it. Start reading at
 * {@code PoolDocument}.
 */
@NullMarked
package dev.evenkeel.lb.core.document;

import org.jspecify.annotations.NullMarked;
