/**
 * A client's configuration that runs: a document, its pools and its reloads.
 *
 * <p>Builds clients with {@code okhttp}, which does not know it. Start reading at {@code LiveConfig}.
 */
@NullMarked
package dev.evenkeel.lb.okhttp.config;

import org.jspecify.annotations.NullMarked;
