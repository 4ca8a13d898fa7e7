-- A gateway's limit spans countries: which gateway a grant counts for, null when its pair named none.
ALTER TABLE grants ADD COLUMN gateway TEXT;
