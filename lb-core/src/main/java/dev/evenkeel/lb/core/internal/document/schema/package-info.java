/**
 * One description of every object of a document: each field's name, type, range, default, meaning and setter. The
 * strict reader, the canonical text, the JSON Schema and the reference page follow from it.
 *
 * <p>Uses {@code document.reader} and knows nothing of pools. Start reading at {@code ObjectSchema}.
 */
@NullMarked
package dev.evenkeel.lb.core.internal.document.schema;

import org.jspecify.annotations.NullMarked;
