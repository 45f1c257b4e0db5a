/**
 * Auto-configurations for the types that Spring Boot 4 has moved, at their new places. Nothing here is loaded on 3.5.
 */
@NullMarked
package dev.evenkeel.lb.spring.boot4;

import org.jspecify.annotations.NullMarked;
