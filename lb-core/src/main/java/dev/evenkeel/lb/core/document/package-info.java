/**
 * The JSON form of pools: which field of a document goes into which setter of the builders, in the words of
 * {@code dev.evenkeel.lb.core.config.form}.
 *
 * <p>It knows the builders and every slice, and nobody but the front door knows it; the setters know the ranges. Exported to
 * the other modules of Evenkeel alone. Start reading at {@link dev.evenkeel.lb.core.document.PoolForm}.
 */
@NullMarked
package dev.evenkeel.lb.core.document;

import org.jspecify.annotations.NullMarked;
