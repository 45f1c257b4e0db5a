/**
 * Reads JSON strictly: what is missing, unknown, of the wrong type or refused by a setter is noted with its path, and
 * reading goes on, so that one answer names every fault.
 *
 * <p>It knows nothing of pools, and Jackson ends here. Not exported. Start reading at
 * {@link dev.evenkeel.lb.core.config.json.ConfigDocument}.
 */
@NullMarked
package dev.evenkeel.lb.core.config.json;

import org.jspecify.annotations.NullMarked;
