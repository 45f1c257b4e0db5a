/**
 * Evenkeel in a Spring Boot application: a configuration that runs, clients attached to it, and what the actuator shows
 * of it. It works on Spring Boot 3.5 and 4; the packages {@code boot3} and {@code boot4} have what differs.
 *
 * <p>Start reading at {@link dev.evenkeel.lb.spring.EvenkeelAutoConfiguration}.
 */
@NullMarked
package dev.evenkeel.lb.spring;

import org.jspecify.annotations.NullMarked;
