/**
 * Reads a configuration document: JSON with positions, placeholders, and faults that are collected with their paths.
 *
 * <p>Knows nothing of pools, and is the only user of Jackson. Start reading at {@code ValueCursor}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.document.reader;

import org.jspecify.annotations.NullMarked;
