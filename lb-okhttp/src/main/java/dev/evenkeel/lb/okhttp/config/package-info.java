/**
 * The running configuration of a client: a document, the pools that it makes, and its reload.
 *
 * <p>Builds clients with {@code okhttp}, which does not know it. Start reading at {@code LiveConfig}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.config;

import org.jspecify.annotations.NullMarked;
