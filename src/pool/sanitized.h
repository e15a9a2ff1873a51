/* SANITIZED is defined where AddressSanitizer is compiled in: its runtime needs more than we do. */
#ifndef POOL_SANITIZED_H
#define POOL_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#endif
