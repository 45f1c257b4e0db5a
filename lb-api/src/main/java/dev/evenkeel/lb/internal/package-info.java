/** Parts of the API's values that are not API themselves. This package is not exported; start at {@code Backend}. */
package dev.evenkeel.lb.internal;
