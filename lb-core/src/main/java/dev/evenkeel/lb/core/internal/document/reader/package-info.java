/**
 * Reads a configuration document: JSON with positions, placeholders, and errors that are collected with their paths.
 *
 * <p>Knows nothing of pools, and Jackson ends here. Start reading at {@code ValueCursor}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.document.reader;

import org.jspecify.annotations.NullMarked;
