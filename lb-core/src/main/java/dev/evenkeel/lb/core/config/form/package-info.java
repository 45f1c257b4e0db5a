/**
 * One description of every object of a configuration: each field's name, type, range, default, meaning and setter. From it
 * come the strict reader, which notes every fault with its path and reads on; the canonical text of what was read; the JSON
 * Schema; and the reference page.
 *
 * <p>It knows nothing of pools, and Jackson ends here. Exported to the other modules of Evenkeel alone. Start reading at
 * {@link dev.evenkeel.lb.core.config.form.Form}.
 */
@NullMarked
package dev.evenkeel.lb.core.config.form;

import org.jspecify.annotations.NullMarked;
