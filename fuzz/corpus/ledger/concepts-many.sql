INSERT INTO unit VALUES (1, 'concepts', x'ffffffffffffffff00');
