/**
 * The statistics page for operators, the same as JSON, and the controls on it.
 *
 * <p>Reads pools through {@link dev.evenkeel.lb.LoadBalancer#snapshot} and changes them through their registry, as any
 * application could; nothing here is on the call path. Start reading at
 * {@link dev.evenkeel.lb.core.admin.StatsPage} and {@link dev.evenkeel.lb.core.admin.StatsHandler}.
 */
@NullMarked
package dev.evenkeel.lb.core.admin;

import org.jspecify.annotations.NullMarked;
