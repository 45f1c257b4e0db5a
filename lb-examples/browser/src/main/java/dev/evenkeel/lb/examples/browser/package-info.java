/**
 * A browser for tests, and the rules of accessibility. The tests of every page that the repository has use it, those of
 * the stats page are here. Start at {@link dev.evenkeel.lb.examples.browser.Browser}.
 */
@NullMarked
package dev.evenkeel.lb.examples.browser;

import org.jspecify.annotations.NullMarked;
