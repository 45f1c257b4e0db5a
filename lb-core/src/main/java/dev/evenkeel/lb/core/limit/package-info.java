/**
 * How many calls a pool takes at one time, and what becomes of those beyond. Depends on the API alone; the call path
 * asks {@code core.Admission}, which is made from the policy. Start reading at
 * {@link dev.evenkeel.lb.core.limit.LimitPolicy}.
 */
package dev.evenkeel.lb.core.limit;
