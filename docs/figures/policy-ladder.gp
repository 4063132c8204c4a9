# Written by statbed plot; edit it and run gnuplot on it in its folder.
set terminal svg dynamic noenhanced font 'sans-serif,12' background rgb 'white' size 922,1064
set encoding utf8
set output './policy-ladder.svg'
data = './policy-ladder.dat'
set logscale x 10
set ylabel 'success rate'
set datafile missing '?'
set border 3 linewidth 0.8
set tics nomirror out
set mxtics 1
set mytics 1
set grid xtics ytics linewidth 0.4 linecolor '#d0d0d0' dashtype 1
set key outside below left Left reverse maxcols 1 samplen 4 font ',11'
set multiplot layout 2,2 title 'Success against tolerance'."\n".'experiment policy-ladder, family parity, dim 6, oracle stat,'."\n".'goal recover, learner parity-dither' font ',11'

set xrange [0.887655577654276:0.09012504626108303]
set yrange [0:1.04]
set xtics ('0.1' 0.1, '0.2' 0.2, '0.4' 0.4, '0.8' 0.8)
set xlabel 'tolerance τ (finer to the right)'."\n"
set title 'learner.dithers=1'
plot data index 7 using 1:3 with filledcurves y1=1.04 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 0 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 0 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.8 dashtype 1 title 'exact', \
     data index 1 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 1 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 1.4 dashtype (10,4) title 'round', \
     data index 2 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#009E73' notitle, \
     data index 2 using 1:2 with linespoints linewidth 1.6 linecolor '#009E73' pointtype 9 pointsize 1 dashtype (2,3) title 'random', \
     data index 3 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#CC79A7' notitle, \
     data index 3 using 1:2 with linespoints linewidth 1.6 linecolor '#CC79A7' pointtype 12 pointsize 1.7 dashtype (10,3,2,3) title 'extreme', \
     data index 4 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#56B4E9' notitle, \
     data index 4 using 1:2 with linespoints linewidth 1.6 linecolor '#56B4E9' pointtype 5 pointsize 0.8 dashtype (6,3,2,3,2,3) title 'reference', \
     data index 5 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#E69F00' notitle, \
     data index 5 using 1:2 with linespoints linewidth 1.6 linecolor '#E69F00' pointtype 6 pointsize 1.4 dashtype 1 title 'null', \
     data index 6 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 6 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 11 pointsize 1 dashtype (10,4) title 'eliminate', \
     data index 7 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound on the success probability', \
     keyentry with lines linecolor '#ffffff' title 'no bound applies to: exact; round; random; extreme', \
     keyentry with lines linecolor '#ffffff' title 'Wilson'."'".'s 95 % interval'

set xrange [0.887655577654276:0.09012504626108303]
set yrange [0:1.04]
set xtics ('0.1' 0.1, '0.2' 0.2, '0.4' 0.4, '0.8' 0.8)
set xlabel 'tolerance τ (finer to the right)'."\n"
set title 'learner.dithers=4'
plot data index 15 using 1:3 with filledcurves y1=1.04 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 8 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 8 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.8 dashtype 1 title 'exact', \
     data index 9 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 9 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 1.4 dashtype (10,4) title 'round', \
     data index 10 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#009E73' notitle, \
     data index 10 using 1:2 with linespoints linewidth 1.6 linecolor '#009E73' pointtype 9 pointsize 1 dashtype (2,3) title 'random', \
     data index 11 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#CC79A7' notitle, \
     data index 11 using 1:2 with linespoints linewidth 1.6 linecolor '#CC79A7' pointtype 12 pointsize 1.7 dashtype (10,3,2,3) title 'extreme', \
     data index 12 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#56B4E9' notitle, \
     data index 12 using 1:2 with linespoints linewidth 1.6 linecolor '#56B4E9' pointtype 5 pointsize 0.8 dashtype (6,3,2,3,2,3) title 'reference', \
     data index 13 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#E69F00' notitle, \
     data index 13 using 1:2 with linespoints linewidth 1.6 linecolor '#E69F00' pointtype 6 pointsize 1.4 dashtype 1 title 'null', \
     data index 14 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 14 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 11 pointsize 1 dashtype (10,4) title 'eliminate', \
     data index 15 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound on the success probability', \
     keyentry with lines linecolor '#ffffff' title 'no bound applies to: exact; round; random; extreme', \
     keyentry with lines linecolor '#ffffff' title 'Wilson'."'".'s 95 % interval'

set xrange [0.887655577654276:0.09012504626108303]
set yrange [0:1.04]
set xtics ('0.1' 0.1, '0.2' 0.2, '0.4' 0.4, '0.8' 0.8)
set xlabel 'tolerance τ (finer to the right)'."\n"
set title 'learner.dithers=16'
plot data index 23 using 1:3 with filledcurves y1=1.04 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 16 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 16 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.8 dashtype 1 title 'exact', \
     data index 17 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 17 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 1.4 dashtype (10,4) title 'round', \
     data index 18 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#009E73' notitle, \
     data index 18 using 1:2 with linespoints linewidth 1.6 linecolor '#009E73' pointtype 9 pointsize 1 dashtype (2,3) title 'random', \
     data index 19 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#CC79A7' notitle, \
     data index 19 using 1:2 with linespoints linewidth 1.6 linecolor '#CC79A7' pointtype 12 pointsize 1.7 dashtype (10,3,2,3) title 'extreme', \
     data index 20 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#56B4E9' notitle, \
     data index 20 using 1:2 with linespoints linewidth 1.6 linecolor '#56B4E9' pointtype 5 pointsize 0.8 dashtype (6,3,2,3,2,3) title 'reference', \
     data index 21 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#E69F00' notitle, \
     data index 21 using 1:2 with linespoints linewidth 1.6 linecolor '#E69F00' pointtype 6 pointsize 1.4 dashtype 1 title 'null', \
     data index 22 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 22 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 11 pointsize 1 dashtype (10,4) title 'eliminate', \
     data index 23 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound on the success probability', \
     keyentry with lines linecolor '#ffffff' title 'no bound applies to: exact; round; random; extreme', \
     keyentry with lines linecolor '#ffffff' title 'Wilson'."'".'s 95 % interval'

set xrange [0.887655577654276:0.09012504626108303]
set yrange [0:1.04]
set xtics ('0.1' 0.1, '0.2' 0.2, '0.4' 0.4, '0.8' 0.8)
set xlabel 'tolerance τ (finer to the right)'."\n"
set title 'learner.dithers=64'
plot data index 31 using 1:3 with filledcurves y1=1.04 fillcolor '#000000' fillstyle transparent solid 0.08 noborder notitle, \
     data index 24 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 24 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 7 pointsize 0.8 dashtype 1 title 'exact', \
     data index 25 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#D55E00' notitle, \
     data index 25 using 1:2 with linespoints linewidth 1.6 linecolor '#D55E00' pointtype 4 pointsize 1.4 dashtype (10,4) title 'round', \
     data index 26 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#009E73' notitle, \
     data index 26 using 1:2 with linespoints linewidth 1.6 linecolor '#009E73' pointtype 9 pointsize 1 dashtype (2,3) title 'random', \
     data index 27 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#CC79A7' notitle, \
     data index 27 using 1:2 with linespoints linewidth 1.6 linecolor '#CC79A7' pointtype 12 pointsize 1.7 dashtype (10,3,2,3) title 'extreme', \
     data index 28 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#56B4E9' notitle, \
     data index 28 using 1:2 with linespoints linewidth 1.6 linecolor '#56B4E9' pointtype 5 pointsize 0.8 dashtype (6,3,2,3,2,3) title 'reference', \
     data index 29 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#E69F00' notitle, \
     data index 29 using 1:2 with linespoints linewidth 1.6 linecolor '#E69F00' pointtype 6 pointsize 1.4 dashtype 1 title 'null', \
     data index 30 using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor '#0072B2' notitle, \
     data index 30 using 1:2 with linespoints linewidth 1.6 linecolor '#0072B2' pointtype 11 pointsize 1 dashtype (10,4) title 'eliminate', \
     data index 31 using 1:2 with linespoints pointtype 7 pointsize 0.5 linewidth 3 linecolor '#000000' dashtype (6,4) title 'bound on the success probability', \
     keyentry with lines linecolor '#ffffff' title 'no bound applies to: exact; round; random; extreme', \
     keyentry with lines linecolor '#ffffff' title 'Wilson'."'".'s 95 % interval'

unset multiplot
unset output
