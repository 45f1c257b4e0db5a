/**
 * The JSON form of everything that the builder of a pool does: one class for each group of settings.
 *
 * <p>Describes its objects with {@code document.schema}; knows the builder, which does not know it. Start reading at
 * {@code PoolForm}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.document;

import org.jspecify.annotations.NullMarked;
