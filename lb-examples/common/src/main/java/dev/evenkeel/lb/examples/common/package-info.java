/**
 * What the programs have in common: the page on loopback, the command line, drawings, servers in processes of their own.
 *
 * <p>It knows nothing of load balancing. Start reading at {@link dev.evenkeel.lb.examples.common.LocalPage}.
 */
@NullMarked
package dev.evenkeel.lb.examples.common;

import org.jspecify.annotations.NullMarked;
