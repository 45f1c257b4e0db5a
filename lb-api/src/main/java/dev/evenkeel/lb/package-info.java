/**
 * The public API of a load balancer: backends, pools, leases, outcomes and snapshots.
 *
 * <p>Types without behaviour or state; {@code lb-core} implements them and {@code dev.evenkeel.lb.spi} has the
 * interfaces for plug-ins. Start reading at {@link dev.evenkeel.lb.LoadBalancer}.
 */
@NullMarked
package dev.evenkeel.lb;

import org.jspecify.annotations.NullMarked;
