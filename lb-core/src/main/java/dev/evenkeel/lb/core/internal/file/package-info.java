/**
 * A file that is read again when it has changed.
 *
 * <p>Depends on the JDK alone. Start reading at {@code WatchedFile}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.file;

import org.jspecify.annotations.NullMarked;
