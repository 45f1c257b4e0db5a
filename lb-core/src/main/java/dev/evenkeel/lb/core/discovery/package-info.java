/**
 * Discovery of backends, without any HTTP: fixed lists, files, DNS, combined sources, and subsets of large lists.
 *
 * <p>Every source uses the timers, threads and random numbers of its receiver, and delivers complete lists; the
 * registry finds the differences. dnsjava is optional and used here only. Start reading at
 * {@link dev.evenkeel.lb.core.discovery.Discoveries}.
 */
@NullMarked
package dev.evenkeel.lb.core.discovery;

import org.jspecify.annotations.NullMarked;
