/**
 * Files that are looked at from time to time.
 *
 * <p>It knows nothing of what is in them. Exported to the other modules of Evenkeel alone. Start reading at
 * {@link dev.evenkeel.lb.core.file.WatchedFile}.
 */
@NullMarked
package dev.evenkeel.lb.core.file;

import org.jspecify.annotations.NullMarked;
