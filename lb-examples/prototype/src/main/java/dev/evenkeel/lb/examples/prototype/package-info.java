/**
 * Path rules over several servers each: what people write as an HAProxy or nginx configuration, inside one client.
 *
 * <p>It brings its own servers, sends the requests of {@code script.txt}, and shows on a page where they went. The same rules
 * stand beside it as {@code haproxy.cfg}. Start reading at {@link dev.evenkeel.lb.examples.prototype.Shop}.
 */
@NullMarked
package dev.evenkeel.lb.examples.prototype;

import org.jspecify.annotations.NullMarked;
