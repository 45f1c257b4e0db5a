/**
 * What the programs with a page have in common: the page on loopback and the command line.
 *
 * <p>It knows nothing of load balancing. Start reading at {@link dev.evenkeel.lb.examples.common.LocalPage}.
 */
@NullMarked
package dev.evenkeel.lb.examples.common;

import org.jspecify.annotations.NullMarked;
