/**
 * The JSON forms of this module's builders: one class for each group of settings.
 *
 * <p>Describes its objects with the schema of lb-core. Start reading at {@code ClientForm}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.internal.document;

import org.jspecify.annotations.NullMarked;
