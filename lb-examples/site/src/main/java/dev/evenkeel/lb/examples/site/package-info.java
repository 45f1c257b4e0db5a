/**
 * The site: the pages of the repository and the Javadoc of the exported packages as static HTML.
 *
 * <p>It reads files of the repository and writes into one folder; no page asks for anything outside of it. Start reading
 * at {@link dev.evenkeel.lb.examples.site.Site}.
 */
@NullMarked
package dev.evenkeel.lb.examples.site;

import org.jspecify.annotations.NullMarked;
