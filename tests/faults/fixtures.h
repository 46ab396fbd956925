/* The files of the scenarios: norms of every layout, vectors of every format, products that are there already. */
#ifndef XP_TESTS_FAULTS_FIXTURES_H
#define XP_TESTS_FAULTS_FIXTURES_H

/* Writes them into the working directory, which is empty. */
void fixtures_make(void);

#endif
