/**
 * Errors of a configuration: all faults together, each with its path in the document.
 *
 * <p>{@link dev.evenkeel.lb.core.document.PoolDocument#load} reads a configuration and describes its form. Start reading at
 * {@link dev.evenkeel.lb.core.config.ConfigException}.
 */
@NullMarked
package dev.evenkeel.lb.core.config;

import org.jspecify.annotations.NullMarked;
