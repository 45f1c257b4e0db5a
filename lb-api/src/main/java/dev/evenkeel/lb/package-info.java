/**
 * What an application sees of a load balancer: backends, pools, leases, outcomes and snapshots.
 *
 * <p>Nothing here chooses or remembers anything; {@code lb-core} implements these types and {@code dev.evenkeel.lb.spi}
 * holds the interfaces for plug-ins. Start reading at {@link dev.evenkeel.lb.LoadBalancer}.
 */
@NullMarked
package dev.evenkeel.lb;

import org.jspecify.annotations.NullMarked;
