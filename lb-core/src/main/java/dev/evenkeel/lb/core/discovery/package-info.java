/**
 * Where backends come from, without any HTTP: fixed lists, files, DNS, several sources as one, and subsets of large
 * lists.
 *
 * <p>Every source waits, blocks and draws lots by what its receiver offers, and tells whole lists; what a list changes
 * is the registry's business. dnsjava is optional and ends here. Start reading at
 * {@link dev.evenkeel.lb.core.discovery.Discoveries}.
 */
@NullMarked
package dev.evenkeel.lb.core.discovery;

import org.jspecify.annotations.NullMarked;
